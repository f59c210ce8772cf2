export { type ArchiveProblem, FileArchive } from './file-archive.ts';
