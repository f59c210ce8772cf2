export { type Given, given, type Then, type WhenOptions } from './given.ts';
export { type StateMachineFixture, testStateMachine } from './state-machine-suite.ts';
