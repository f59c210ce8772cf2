/** What `Upgrade` names. */
export const protocolName = 'flotilla-binary/1';

export const binaryPath = '/v1/binary';
