import { badRequest, HttpError } from '@flotilla/gateway-http';
import { utf8Length } from '@flotilla/state-machine';
import { keyBytesMax, valueBytesMax } from './limits.ts';

/** Where the keys are in the URL. */
export const keyPath = '/v1/kv/';

/**
 * The key that a URL names. Read from the URL as it came: a router may decode a path more than once or take a slash in a
 * key for its own.
 */
export function requestKey(url: string): string {
  const path = url.split('?', 1)[0] ?? '';
  const key = decode(path.slice(keyPath.length));
  if (key === '') throw badRequest('invalid_path', 'the key is empty', `Name a key: ${keyPath}<key>.`);
  const bytes = utf8Length(key);
  if (bytes > keyBytesMax)
    throw new HttpError(413, 'key_too_large', `the key has ${bytes} bytes`, `A key has at most ${keyBytesMax} bytes of UTF-8.`, {
      extra: { outcome: 'not-applied' },
    });
  return key;
}

function decode(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw badRequest('invalid_path', 'the key has a bad percent-encoding', 'Encode the key as UTF-8, then percent-encode it.');
  }
}

export function valueTooLarge(): HttpError {
  return new HttpError(413, 'value_too_large', 'the value is too large', `A value has at most ${valueBytesMax} bytes.`, {
    extra: { outcome: 'not-applied' },
  });
}
