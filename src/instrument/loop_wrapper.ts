/**
 * The code around an innermost loop that calls nothing, so that the way to the hook is not a part of it:
 *
 *     block $done
 *       loop $again
 *         block $due
 *           loop … end      the guest's; its header branches to $due if too much is owed
 *           br $done
 *         end
 *         pay
 *         br $again
 *       end
 *       unreachable
 *     end
 *
 * All state is in locals, so the guest's loop goes on where it was.
 */
import { CODE, EMPTY_BLOCK, indexed } from "./code.ts";
import type { CodeWriter } from "./code_writer.ts";

/** Labels that are added around the guest's loop, and the one that its header branches to. */
export const WRAPPER_LABELS = 3, DUE = 1;

/** @param type the bytes of the guest's loop's type */
export function openWrapper(writer: CodeWriter, type: Uint8Array): void {
  writer.u8(CODE.block);
  writer.bytes(type);
  writer.u8(CODE.loop);
  writer.u8(EMPTY_BLOCK);
  writer.u8(CODE.block);
  writer.u8(EMPTY_BLOCK);
}

/** @param pay the function that pays */
export function closeWrapper(writer: CodeWriter, owed: number, pay: number): void {
  indexed(writer, CODE.br, 2);
  writer.u8(CODE.end);
  indexed(writer, CODE.localGet, owed);
  indexed(writer, CODE.call, pay);
  indexed(writer, CODE.localSet, owed);
  indexed(writer, CODE.br, 0);
  writer.u8(CODE.end);
  writer.u8(CODE.unreachable);
  writer.u8(CODE.end);
}
