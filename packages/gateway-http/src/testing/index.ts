export { SingleNodeGroup } from './single-node-group.ts';
