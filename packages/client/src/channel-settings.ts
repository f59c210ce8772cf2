import type { ClientTime } from './client-time.ts';

/** What the channel of a client is made of, where it brings none. */
export interface ChannelSettings {
  readonly protocol: 'binary' | 'http';
  readonly fetch: typeof fetch;
  readonly time: ClientTime;
}
