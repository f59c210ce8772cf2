export { createDirectory, syncDirectory, writeFileDurably, writeFileDurablySync } from './durable-file.ts';
