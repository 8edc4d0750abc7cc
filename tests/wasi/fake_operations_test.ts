import { FakeOperations } from "./fake_operations.ts";
import { testOperations } from "./operations_contract.ts";

testOperations("FakeOperations", () => new FakeOperations());
