export { guarded, unguarded } from './guard.ts';
export { GuardedReplica, replicateGuarded } from './guarded-replica.ts';
export { installAmbientGuard } from './watch-globals.ts';
