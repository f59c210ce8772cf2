export type { Accepted, Command, CommittedCommand, MachineEvent, Outcome, Rejected, StateMachine } from './contract.ts';
export { isMachineError, MachineError, type MachineErrorCode } from './machine-error.ts';
