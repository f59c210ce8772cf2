import { checkLinearizable, type ModelName, models } from '@flotilla/simulator';
import { describe, expect, test } from 'vitest';
import { history } from './history-script.ts';

interface Known {
  readonly name: string;
  readonly model: ModelName;
  readonly script: string;
}

const good: readonly Known[] = [
  { name: 'nothing at all', model: 'kv', script: '' },
  {
    name: 'a read that overlaps a write sees the old or the new value',
    model: 'kv',
    script: `
      1: <put "a" = null> <put             "b" = null> <get = "b">
      2:                     <get = "a">
      3:                            <get = "b">`,
  },
  {
    name: 'two reads see two concurrent writes in the order in which these did not begin',
    model: 'kv',
    script: `
      1: <put "a"                         = null>
      2:  <put "b"                     = null>
      3:             <get = "b"> <get = "a">`,
  },
  {
    name: 'an unknown write that happened much later',
    model: 'kv',
    script: `
      1: <put "a" = null>            <get = "a">                      <get = "b">
      2:                   <put "b" ?`,
  },
  {
    name: 'an unknown write that never happened',
    model: 'kv',
    script: `
      1: <put "a" = null>              <get = "a"> <get = "a">
      2:                   <put "b" ?`,
  },
  {
    name: 'a failed write that never happened',
    model: 'kv',
    script: `
      1: <put "a" = null>               <get = "a">
      2:                   <put "b" !>`,
  },
  {
    name: 'an unknown delete between two writes of the same value',
    model: 'kv',
    script: `
      1: <put "a" = null>            <get = null> <put "a" = null> <get = "a">
      2:                   <delete ?`,
  },
  {
    name: 'of two compare-and-sets one succeeds',
    model: 'kv',
    script: `
      1: <put 1 = null> <compare-and-set {"expected":1,"value":2} = true>
      2:                <compare-and-set {"expected":1,"value":3}    =  false> <get = 2>`,
  },
  {
    name: 'an unknown compare-and-set explains why another one failed',
    model: 'register',
    script: `
      1: <write 1 = null> <cas [1,2] ?
      2:                                <cas [1,3] = false> <read = 2>`,
  },
  {
    name: 'concurrent appends are read in one order by everybody',
    model: 'append',
    script: `
      1: <append 1      = null>                          <read = [2,1]>
      2:  <append 2   = null>   <read         = [2,1]>`,
  },
  {
    name: 'texts that are joined',
    model: 'append-text',
    script: `
      1: <append "x1" = null> <read = "x1">                 <read = "x1y1">
      2:                            <append "y1"    = null>`,
  },
  {
    name: 'a lock goes from hand to hand',
    model: 'lock',
    script: `
      1: <acquire = true>          <release    = true>
      2:     <acquire  = false>         <acquire     = true> <holder = 2>`,
  },
  {
    name: 'a counter with an unknown addition that happened',
    model: 'counter',
    script: `
      1: <add 5 = 5> <add 2 ?
      2:                       <read = 5> <read = 7> <add = 8>`,
  },
];

const bad: readonly Known[] = [
  { name: 'a read of a value that was never written', model: 'kv', script: '1: <put "a" = null> <get = "z">' },
  {
    name: 'a stale read',
    model: 'kv',
    script: `
      1: <put "a" = null> <put "b" = null>
      2:                                   <get = "a">`,
  },
  {
    name: 'a write that was lost',
    model: 'kv',
    script: `
      1: <put "a" = null>
      2:                   <get = null>`,
  },
  {
    name: 'an update that was lost: two clients write what they read, plus one',
    model: 'counter',
    script: `
      1: <read = 0> <add 1 = 1>
      2: <read = 0> <add 1   = 1> <read = 1>`,
  },
  {
    name: 'a new value that is seen before it is gone again',
    model: 'kv',
    script: `
      1: <put "a" = null> <put "b"                       = null>
      2:                          <get = "b"> <get = "a">`,
  },
  {
    name: 'a split brain: two leaders, each with its own readers',
    model: 'register',
    script: `
      1: <write 1 = null> <read = 1>              <read = 1>
      2:                             <write 2 = null>        <read = 2> <read = 1>`,
  },
  {
    name: 'two compare-and-sets from the same value that both succeed',
    model: 'kv',
    script: `
      1: <put 1 = null> <compare-and-set {"expected":1,"value":2} = true>
      2:                <compare-and-set {"expected":1,"value":3}    = true>`,
  },
  {
    name: 'a compare-and-set that failed though nothing was in its way',
    model: 'register',
    script: '1: <write 1 = null> <cas [1,2] = false>',
  },
  {
    name: 'an unknown write that must have happened before one read and not before the next',
    model: 'kv',
    script: `
      1: <put "a" = null>             <get = "b"> <get = "a">
      2:                   <put "b" ?`,
  },
  {
    name: 'an unknown write that is seen before anybody asked for it',
    model: 'kv',
    script: `
      1: <put "a" = null> <get = "b">
      2:                              <put "b" ?`,
  },
  {
    name: 'a failed write that is seen',
    model: 'kv',
    script: `
      1: <put "a" = null>              <get = "b">
      2:                   <put "b" !>`,
  },
  {
    name: 'an unknown write that happened twice',
    model: 'kv',
    script: `
      1: <put "a" = null>            <get = "b"> <put "c" = null> <get = "b">
      2:                   <put "b" ?`,
  },
  { name: 'a delete that found nothing where something was', model: 'kv', script: '1: <put "a" = null> <delete = false>' },
  { name: 'an append that happened twice', model: 'append', script: '1: <append 1 = null> <append 2 = null> <read = [1,2,1]>' },
  {
    name: 'an append that was lost',
    model: 'append-text',
    script: `
      1: <append "x" = null>                    <read = "y">
      2:                     <append "y" = null>`,
  },
  {
    name: 'appends that are read in two orders',
    model: 'append',
    script: `
      1: <append 1 = null>    <read = [1,2]>
      2: <append 2    = null>                <read = [2,1]>`,
  },
  {
    name: 'a lock that two hold',
    model: 'lock',
    script: `
      1: <acquire = true>
      2:     <acquire     = true>`,
  },
  {
    name: 'a lock that was released by somebody else',
    model: 'lock',
    script: `
      1: <acquire = true>
      2:                  <release = true>`,
  },
  { name: 'a lock that is refused though it is free', model: 'lock', script: '1: <acquire = true> <release = true> <acquire = false>' },
  {
    name: 'a counter with an unknown addition that happened twice',
    model: 'counter',
    script: `
      1: <add 2 ?
      2:           <read = 2> <read = 4>`,
  },
];

describe('linearizable', () => {
  test.each(good)('$model: $name', ({ model, script }) => {
    expect(checkLinearizable(history(script), models[model]).verdict).toBe('linearizable');
  });
});

describe('not linearizable', () => {
  test.each(bad)('$model: $name', ({ model, script }) => {
    expect(checkLinearizable(history(script), models[model])).toMatchObject({ verdict: 'not-linearizable', violation: { key: null } });
  });
});
