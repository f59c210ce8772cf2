export type { Answer, AttemptOptions, Channel, ChannelRequest, EventPlace, EventsOptions } from './channel.ts';
export type {
  AnsweredQuery,
  Client,
  ClientEvent,
  ClientMethods,
  CommandMethods,
  CommandResult,
  ExecutedCommand,
  QueryCallOptions,
  QueryMethods,
  ServiceStatus,
} from './client.ts';
export {
  type CallOutcome,
  ClientError,
  type ClientErrorOptions,
  CommandRejected,
  isClientError,
  isCommandRejected,
  type LeaderAddress,
} from './client-error.ts';
export type { ClientTime } from './client-time.ts';
export { connect } from './connect.ts';
export { type ClusterClient, connectCluster } from './connect-cluster.ts';
export type { FollowOptions } from './event-follower.ts';
export { type EventObserver, EventStream, type EventSubscription } from './event-stream.ts';
export type { FollowedEvent } from './followed-event.ts';
export { HttpChannel } from './http-channel.ts';
export type { ChangedMembership, ClusterMember, ClusterMembers, MembershipMethods } from './membership.ts';
export type { NestedMethods } from './nested-methods.ts';
export { connectionLost, unreachable } from './network-error.ts';
export type { CallOptions, ClientOptions } from './options.ts';
