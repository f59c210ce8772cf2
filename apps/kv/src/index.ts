import type { App } from '@flotilla/gateway-http';
import { kv } from './machine.ts';
import { kvRoutes, rejectionStatus } from './routes.ts';

/** The key-value service, as a host serves it. */
const kvApp: App = { name: 'kv', machine: kv, routes: kvRoutes, rejectionStatus };

export { keyBytesMax, listBytesMax, listLimitDefault, listLimitMax, valueBytesMax } from './limits.ts';
export type { Entry, Page, Stored } from './machine.ts';
export { kv, kvApp, kvRoutes };
