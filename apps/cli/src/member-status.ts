import type { ClusterMember, ServiceStatus } from '@flotilla/client';
import { formatTable } from './output.ts';

/** What a member said of itself, or that it said nothing. */
export interface MemberReport {
  /** Where it was asked: host:port. */
  readonly endpoint: string;
  readonly status: ServiceStatus | null;
  /** The member at this address, as the membership lists it; null where it lists none. */
  readonly listed: ClusterMember | null;
}

/** The most members that are asked besides the given endpoints. */
const foundMax = 64;

/**
 * Asks every endpoint for its status, and everybody whom the newest membership lists besides; one that does not answer
 * within `timeoutMs` has none.
 */
export async function reportMembers(endpoints: readonly string[], timeoutMs = 1000): Promise<readonly MemberReport[]> {
  const given = await askAll(endpoints, timeoutMs);
  const members = newestMembership([...given.values()]);
  const others = members.map(({ clientAddress }) => clientAddress).filter((address) => !given.has(address));
  const found = await askAll(others.slice(0, foundMax), timeoutMs);
  return [...given, ...found].map(([endpoint, status]) => ({
    endpoint,
    status,
    listed: members.find(({ id, clientAddress }) => (status === null ? clientAddress === endpoint : id === status.member)) ?? null,
  }));
}

async function askAll(endpoints: readonly string[], timeoutMs: number): Promise<ReadonlyMap<string, ServiceStatus | null>> {
  return new Map(await Promise.all(endpoints.map(async (endpoint) => [endpoint, await fetchStatus(endpoint, timeoutMs)] as const)));
}

async function fetchStatus(endpoint: string, timeoutMs: number): Promise<ServiceStatus | null> {
  try {
    const response = await fetch(`http://${endpoint}/v1/status`, { signal: AbortSignal.timeout(timeoutMs) });
    return response.ok ? ((await response.json()) as ServiceStatus) : null;
  } catch {
    return null;
  }
}

/** The leader's; without one, that of whoever knows the most. */
function newestMembership(statuses: readonly (ServiceStatus | null)[]): readonly ClusterMember[] {
  const known = statuses.filter((status) => status !== null);
  const rank = ({ role, term, lastIndex }: ServiceStatus) => [role === 'leader' ? 1 : 0, term, lastIndex] as const;
  const [best] = known.sort((a, b) => compare(rank(b), rank(a)));
  return best?.members ?? [];
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

/** What a local caller knows of a member besides what the member says. */
export interface LocalKnowledge {
  readonly endpoint: string;
  readonly member: number;
  /** Of the process, while it runs. */
  readonly pid: number | null;
}

/** The members as a table, with their processes where `local` knows them. */
export function statusTable(reports: readonly MemberReport[], local: readonly LocalKnowledge[] = []): string {
  const committed = Math.max(0, ...reports.map(({ status }) => status?.commitIndex ?? 0));
  const rows = reports.map((report) => {
    const { endpoint, status, listed } = report;
    const known = local.find((one) => one.endpoint === endpoint);
    const process = local.length > 0 ? [known?.pid?.toString() ?? '-'] : [];
    const name = String(status?.member ?? listed?.id ?? known?.member ?? '?');
    const role = roleOf(report, reports);
    if (!status) return [name, endpoint, ...process, role, '-', '-', '-', '-', '-'];
    const { term, lastIndex, commitIndex, appliedIndex } = status;
    const lag = Math.max(0, committed - appliedIndex);
    return [name, endpoint, ...process, role, ...[term, lastIndex, commitIndex, appliedIndex, lag].map(String)];
  });
  const processHeading = local.length > 0 ? ['PID'] : [];
  return formatTable(['MEMBER', 'CLIENTS', ...processHeading, 'ROLE', 'TERM', 'LAST', 'COMMIT', 'APPLIED', 'LAG'], rows);
}

/** All members and what they are, in one line: for telling whether something changed. */
export function statusLine(reports: readonly MemberReport[]): string {
  return reports
    .map((report) => {
      const { status, listed, endpoint } = report;
      const name = status?.member ?? listed?.id ?? endpoint;
      return `${name} ${roleOf(report, reports)}${status === null ? '' : `@${status.term}`}`;
    })
    .join(', ');
}

/** What a member is and does, in a word: `leader`, `follower`, `recovering`, `learner`, `witness`, `joining`, `removed`, `down`, … */
function roleOf({ status, listed }: MemberReport, all: readonly MemberReport[]): string {
  const someoneKnows = all.some((report) => report.listed !== null);
  if (status === null) return listed === null && someoneKnows ? 'removed' : 'down';
  if (status.role === 'leader') return 'leader';
  if (status.standing === 'removed' || (listed === null && someoneKnows && status.standing !== 'joining')) return 'removed';
  if (status.recovering) return 'recovering';
  return status.standing === 'voter' ? status.role : status.standing;
}
