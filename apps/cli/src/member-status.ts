import type { ServiceStatus } from '@flotilla/client';
import { formatTable } from './output.ts';

/** What a member said of itself, or that it said nothing. */
export interface MemberReport {
  /** Where it was asked: host:port. */
  readonly endpoint: string;
  readonly status: ServiceStatus | null;
}

/** Asks every endpoint for its status; one that does not answer within `timeoutMs` has none. */
export function reportMembers(endpoints: readonly string[], timeoutMs = 1000): Promise<readonly MemberReport[]> {
  return Promise.all(endpoints.map(async (endpoint) => ({ endpoint, status: await fetchStatus(endpoint, timeoutMs) })));
}

async function fetchStatus(endpoint: string, timeoutMs: number): Promise<ServiceStatus | null> {
  try {
    const response = await fetch(`http://${endpoint}/v1/status`, { signal: AbortSignal.timeout(timeoutMs) });
    return response.ok ? ((await response.json()) as ServiceStatus) : null;
  } catch {
    return null;
  }
}

/** What a local caller knows of a member besides what the member says. */
export interface LocalKnowledge {
  readonly member: number;
  /** Of the process, while it runs. */
  readonly pid: number | null;
}

/** The members as a table, with their processes where `local` knows them. */
export function statusTable(reports: readonly MemberReport[], local: readonly LocalKnowledge[] = []): string {
  const committed = Math.max(0, ...reports.map(({ status }) => status?.commitIndex ?? 0));
  const rows = reports.map(({ endpoint, status }, i) => {
    const process = local.length > 0 ? [local[i]?.pid?.toString() ?? '-'] : [];
    const name = status?.member ?? local[i]?.member ?? '?';
    if (!status) return [String(name), endpoint, ...process, 'down', '-', '-', '-', '-', '-'];
    const { role, term, lastIndex, commitIndex, appliedIndex } = status;
    const lag = Math.max(0, committed - appliedIndex);
    return [String(name), endpoint, ...process, role, ...[term, lastIndex, commitIndex, appliedIndex, lag].map(String)];
  });
  const processHeading = local.length > 0 ? ['PID'] : [];
  return formatTable(['MEMBER', 'CLIENTS', ...processHeading, 'ROLE', 'TERM', 'LAST', 'COMMIT', 'APPLIED', 'LAG'], rows);
}
