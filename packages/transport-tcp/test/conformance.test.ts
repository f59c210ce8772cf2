import { testTransport } from '@flotilla/transport/testing';
import { TcpCluster } from './tcp-cluster.ts';

testTransport('TcpTransport', () => new TcpCluster());
