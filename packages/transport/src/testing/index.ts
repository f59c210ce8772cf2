export { type Batch, Inbox, sendSoon, sendUntilReceived, until } from './inbox.ts';
export { digest, numbered, numberedBytes, sampleMessages, samplesByKind } from './sample-messages.ts';
export { type MakeTransportFixture, type TransportFixture, testTransport } from './transport-suite.ts';
