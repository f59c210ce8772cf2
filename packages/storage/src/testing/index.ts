export { type LogStoreFixture, testLogStore } from './log-store-suite.ts';
export { type StateStoreFixture, testStateStore } from './state-store-suite.ts';
