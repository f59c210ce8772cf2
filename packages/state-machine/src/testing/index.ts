export { type ExpectedEffect, type Given, given, type ScheduledTimer, type Then, type WhenOptions } from './given.ts';
export { type StateMachineFixture, testStateMachine } from './state-machine-suite.ts';
