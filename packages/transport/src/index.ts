export { protocolError } from './protocol-error.ts';
export { noPeers, type Standing, standingOf } from './standing.ts';
export type { GroupMessage, OnReachability, Peers, Receive, Transport } from './transport.ts';
export { isTransportError, TransportError, type TransportErrorCode } from './transport-error.ts';
export { decodeFrame, encodeFrame, encodeFrames, framePrefixBytes, frameSize, framesSize } from './wire/frame.ts';
export { FrameReader } from './wire/frame-reader.ts';
export { WireReader } from './wire/wire-reader.ts';
export { WireWriter } from './wire/wire-writer.ts';
