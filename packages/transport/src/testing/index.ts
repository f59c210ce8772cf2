export { type Batch, Inbox, sendSoon, sendUntilReceived, until } from './inbox.ts';
export { digest, numbered, numberedBytes, sampleMessages, samplesByKind } from './sample-messages.ts';
export type { TransportFixture } from './suite-members.ts';
export { type MakeTransportFixture, testTransport } from './transport-suite.ts';
