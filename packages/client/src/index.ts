export type { Answer, AttemptOptions, Channel, ChannelRequest } from './channel.ts';
export type {
  AnsweredQuery,
  Client,
  ClientEvent,
  ClientMethods,
  CommandMethods,
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
export { HttpChannel } from './http-channel.ts';
export type { ChangedMembership, ClusterMember, ClusterMembers, MembershipMethods } from './membership.ts';
export { connectionLost, unreachable } from './network-error.ts';
export type { CallOptions, ClientOptions } from './options.ts';
