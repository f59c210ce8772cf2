export { FileArchive } from './file-archive.ts';
