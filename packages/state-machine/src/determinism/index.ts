export { guarded, unguarded } from './guard.ts';
export { GuardedReplica, replicateGuarded, UnguardedSpace } from './guarded-replica.ts';
export { installAmbientGuard } from './watch-globals.ts';
