import { Caller } from './caller.ts';
import type { ServiceStatus } from './client.ts';
import { ClientLife } from './client-life.ts';
import { Endpoints } from './endpoints.ts';
import { MemberFinder } from './member-finder.ts';
import { type MembershipMethods, membershipMethods } from './membership.ts';
import { type CallOptions, type ClientOptions, withDefaults } from './options.ts';

/** A client for operators: it knows nothing of any machine. */
export interface ClusterClient extends MembershipMethods {
  /** The status of the member that this client talks to right now. */
  status(options?: CallOptions): Promise<ServiceStatus>;
  /** Ends every call of this client. */
  close(): void;
}

/** A client for who belongs to a cluster and who leads it, behind `endpoints` as in {@link connect}. */
export function connectCluster(endpoints: readonly string[], options: ClientOptions = {}): ClusterClient {
  const settings = withDefaults(options);
  const members = new Endpoints(endpoints);
  const life = new ClientLife();
  const caller = new Caller(members, new MemberFinder(members, settings, life), settings, life);
  return {
    ...membershipMethods(caller, settings),
    async status(callOptions) {
      return (await caller.call({ kind: 'status' }, callOptions)) as unknown as ServiceStatus;
    },
    close() {
      life.close();
      settings.closeChannel();
    },
  };
}
