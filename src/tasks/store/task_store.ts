import { ActivityTable } from "./activity_table.ts";
import { AuditTable } from "./audit_table.ts";
import { CheckpointTable } from "./checkpoint_table.ts";
import { Database } from "./database.ts";
import { ExecutionTable } from "./execution_table.ts";
import { ModuleTable } from "./module_table.ts";
import { ScheduleTable } from "./schedule_table.ts";
import { TaskTable } from "./task_table.ts";

/** Everything that outlives the process. */
export class TaskStore {
  readonly modules: ModuleTable;
  readonly tasks: TaskTable;
  readonly executions: ExecutionTable;
  readonly activity: ActivityTable;
  readonly checkpoints: CheckpointTable;
  readonly schedules: ScheduleTable;
  readonly audit: AuditTable;
  readonly #database: Database;

  /** @param path of the file; `:memory:` for nothing that outlives the process @throws {AegisError} `Busy`, `InvalidOption` */
  constructor(path: string) {
    const database = this.#database = new Database(path);
    this.modules = new ModuleTable(database);
    this.tasks = new TaskTable(database);
    this.executions = new ExecutionTable(database);
    this.activity = new ActivityTable(database);
    this.checkpoints = new CheckpointTable(database);
    this.schedules = new ScheduleTable(database);
    this.audit = new AuditTable(database);
  }

  /** All of it is done, or nothing. */
  transaction<Result>(work: () => Result): Result {
    return this.#database.transaction(work);
  }

  /** Bytes in use. */
  get size(): number {
    return this.#database.size;
  }

  close(): void {
    this.#database.close();
  }
}
