import type { Channel } from '../channel.ts';
import type { ChannelSettings } from '../channel-settings.ts';
import { HttpChannel } from '../http-channel.ts';
import { BinaryChannel } from './binary-channel.ts';

/** The channel of a client that brings none, in Node: over the binary protocol where the member knows it. */
export function defaultChannel({ protocol, fetch, time }: ChannelSettings): Channel {
  const http = new HttpChannel(fetch);
  return protocol === 'binary' ? new BinaryChannel(http, time) : http;
}
