import type {
  AnyMachineDefinition,
  CommandInput,
  CommandRejection,
  CommandReply,
  EventOf,
  QueryAnswer,
  QueryInput,
  VersionRange,
} from '@flotilla/state-machine';
import type { FollowOptions } from './event-follower.ts';
import type { EventStream } from './event-stream.ts';
import type { FollowedEvent } from './followed-event.ts';
import type { ClusterMember, ClusterMembers, MembershipMethods } from './membership.ts';
import type { NestedMethods } from './nested-methods.ts';
import type { CallOptions } from './options.ts';

/** A method for each command: resolves with the reply once the command is applied. */
export type CommandMethods<Machine extends AnyMachineDefinition> = {
  readonly [Name in keyof Machine['commands'] & string]: (
    input: CommandInput<Machine, Name>,
    options?: CallOptions,
  ) => Promise<CommandReply<Machine, Name>>;
};

export interface QueryCallOptions extends CallOptions {
  /**
   * How fresh the answer must be. Default `linearizable`: it sees every write acknowledged before. `lease`: the same, with
   * fewer rounds, as long as the members' clocks run at nearly the same speed. `stale` asks one member only.
   */
  readonly consistency?: 'linearizable' | 'lease' | 'stale';
  /** For a `stale` read: it sees everything that was acknowledged so many milliseconds before it began. */
  readonly maxStalenessMs?: number;
}

/** A method for each query. One that takes no input has the options as its only parameter. */
export type QueryMethods<Machine extends AnyMachineDefinition> = {
  // biome-ignore lint/suspicious/noConfusingVoidType: void is how a query definition says that there is no input
  readonly [Name in keyof Machine['queries'] & string]: [QueryInput<Machine, Name>] extends [void]
    ? (options?: QueryCallOptions) => Promise<QueryAnswer<Machine, Name>>
    : (input: QueryInput<Machine, Name>, options?: QueryCallOptions) => Promise<QueryAnswer<Machine, Name>>;
};

/** An event of a machine and its place in the log. */
export type ClientEvent<Machine extends AnyMachineDefinition> = Omit<FollowedEvent, 'type' | 'data'> & EventOf<Machine>;

/** What a member says about itself and its group. */
export interface ServiceStatus {
  readonly group: number;
  readonly member: number;
  /**
   * `joining`: it waits to be added. `removed`: it was a member, and will never be one again. `diverged`: its state was found to differ
   * from that of the majority, and it serves nothing until it is found to agree.
   */
  readonly standing: ClusterMember['role'] | 'founding' | 'joining' | 'removed' | 'diverged';
  /** Its disk has lost something that others may rely on: it neither votes nor leads until it has that again. */
  readonly recovering: boolean;
  readonly role: 'follower' | 'pre-candidate' | 'candidate' | 'leader';
  readonly term: number;
  readonly leader: number | null;
  readonly lastIndex: number;
  readonly commitIndex: number;
  readonly appliedIndex: number;
  readonly journalStart: number;
  readonly members: readonly ClusterMember[];
  readonly pendingChange: ClusterMembers['pendingChange'];
  readonly changeUnderWay: boolean;
  readonly transferTo: number | null;
  /** Which version applies, and which ones this member's program can run. */
  readonly machine: { readonly name: string; readonly version: number; readonly versions: VersionRange };
  readonly host: Readonly<Record<string, unknown>>;
}

/** A reply, and where in the log its command is. */
export interface ExecutedCommand<Reply> {
  readonly index: number;
  readonly term: number;
  readonly reply: Reply;
}

/**
 * What came of a command, where being refused by the machine is one of the things that can come of it. `code` and `details` are of the
 * errors that the command names.
 */
export type CommandResult<Machine extends AnyMachineDefinition, Name extends keyof Machine['commands']> =
  | ({ readonly ok: true } & ExecutedCommand<CommandReply<Machine, Name>>)
  | ({
      readonly ok: false;
      readonly message: string;
      /** Where in the log the refused command is; null where that is not known. */
      readonly index: number | null;
    } & CommandRejection<Machine, Name>);

/** An answer, and up to which entry the member that gave it had applied the log. */
export interface AnsweredQuery<Answer> {
  readonly index: number;
  readonly result: Answer;
}

/** What every client has, whatever its machine. No command or query can have a name that starts with `$`. */
export interface ClientMethods<Machine extends AnyMachineDefinition> {
  /**
   * Every event from an index on, in order, without a gap and without a repetition, across disconnections: to be iterated over, or
   * subscribed to, also by RxJS. Fails with code `journal_compacted` where the next event is no longer kept.
   */
  $events(options?: FollowOptions): EventStream<ClientEvent<Machine>>;
  /** As the command's own method, and says where in the log the command is. */
  $execute<Name extends keyof Machine['commands'] & string>(
    name: Name,
    input: CommandInput<Machine, Name>,
    options?: CallOptions,
  ): Promise<ExecutedCommand<CommandReply<Machine, Name>>>;
  /**
   * As the command's own method, but the refusals that the command names are returned, with their types, and not thrown. Everything else
   * that can go wrong still throws a `ClientError`.
   */
  $try<Name extends keyof Machine['commands'] & string>(
    name: Name,
    input: CommandInput<Machine, Name>,
    options?: CallOptions,
  ): Promise<CommandResult<Machine, Name>>;
  /** As the query's own method, and says how much of the log the answer knows of. */
  $query<Name extends keyof Machine['queries'] & string>(
    name: Name,
    input: QueryInput<Machine, Name>,
    options?: QueryCallOptions,
  ): Promise<AnsweredQuery<QueryAnswer<Machine, Name>>>;
  /** The status of the member that this client talks to right now. */
  $status(options?: CallOptions): Promise<ServiceStatus>;
  readonly $members: MembershipMethods['members'];
  readonly $changeMembership: MembershipMethods['changeMembership'];
  readonly $transferLeadership: MembershipMethods['transferLeadership'];
  /** Ends every call and every stream of this client, and its session. */
  $close(): void;
}

/** A typed client of a machine. A command `accounts.deposit`, as composed machines have them, is its method `accounts.deposit(…)`. */
export type Client<Machine extends AnyMachineDefinition> = NestedMethods<CommandMethods<Machine> & QueryMethods<Machine>> &
  ClientMethods<Machine>;
