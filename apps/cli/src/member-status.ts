import type { GroupStatus } from '@flotilla/runtime';
import { formatTable } from './output.ts';

/** What a member said of itself, or that it said nothing. */
export interface MemberReport {
  /** Where it was asked: host:port. */
  readonly endpoint: string;
  readonly status: GroupStatus | null;
}

/** Asks every endpoint for its status; one that does not answer within `timeoutMs` has none. */
export function reportMembers(endpoints: readonly string[], timeoutMs = 1000): Promise<readonly MemberReport[]> {
  return Promise.all(endpoints.map(async (endpoint) => ({ endpoint, status: await fetchStatus(endpoint, timeoutMs) })));
}

async function fetchStatus(endpoint: string, timeoutMs: number): Promise<GroupStatus | null> {
  try {
    const response = await fetch(`http://${endpoint}/v1/status`, { signal: AbortSignal.timeout(timeoutMs) });
    return response.ok ? ((await response.json()) as GroupStatus) : null;
  } catch {
    return null;
  }
}

/** The members as a table; `names` stands in for the number of a member that does not answer. */
export function statusTable(reports: readonly MemberReport[], names: readonly string[] = []): string {
  const committed = Math.max(0, ...reports.map(({ status }) => status?.commitIndex ?? 0));
  const rows = reports.map(({ endpoint, status }, i) => {
    if (!status) return [names[i] ?? '?', endpoint, 'down', '-', '-', '-', '-', '-'];
    const { member, role, term, lastIndex, commitIndex, appliedIndex } = status;
    const lag = Math.max(0, committed - appliedIndex);
    return [String(member), endpoint, role, ...[term, lastIndex, commitIndex, appliedIndex, lag].map(String)];
  });
  return formatTable(['MEMBER', 'CLIENTS', 'ROLE', 'TERM', 'LAST', 'COMMIT', 'APPLIED', 'LAG'], rows);
}
