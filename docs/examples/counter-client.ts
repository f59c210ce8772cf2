import { connect } from '@flotilla/client';
import { counter } from './counter.ts';

const client = connect(counter, ['127.0.0.1:7001', '127.0.0.1:8001', '127.0.0.1:9001']);
await client.increment({ by: 2 });
console.log(await client.value());
client.$close();
