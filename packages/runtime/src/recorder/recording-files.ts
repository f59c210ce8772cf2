/** The port for the files that recordings go to. Names are plain file names. */
export interface RecordingFiles {
  /** Writes a whole file, then puts it in the place of what has that name. */
  replace(name: string, text: Iterable<string>): Promise<void>;
  /** Adds to the end of a file, which begins with this where there is none. */
  append(name: string, text: string): Promise<void>;
  /** Whether there is a file of that name. */
  exists(name: string): Promise<boolean>;
  /** Gives a file another name, in the place of what has that one. Does nothing where there is no such file. */
  rename(from: string, to: string): Promise<void>;
}
