import type { Channel } from './channel.ts';
import type { ChannelSettings } from './channel-settings.ts';
import { HttpChannel } from './http-channel.ts';

/** The channel of a client that brings none, anywhere but in Node, which has one of its own: over HTTP. */
export function defaultChannel({ fetch }: ChannelSettings): Channel {
  return new HttpChannel(fetch);
}
