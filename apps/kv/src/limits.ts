/** The longest key, in bytes of its UTF-8. */
export const keyBytesMax = 1024;

/** The largest value, in bytes. */
export const valueBytesMax = 1024 * 1024;

/** How many entries a page of a listing has if the caller does not say. */
export const listLimitDefault = 100;

/** The most entries that a page of a listing can have. */
export const listLimitMax = 1000;

/** A page of a listing ends when its values come to this many bytes, but has at least one entry. */
export const listBytesMax = 4 * 1024 * 1024;
