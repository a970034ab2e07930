/** Formats a number of bytes. */
export const mebibytes = (bytes: number, digits = 0): string => `${(bytes / 2 ** 20).toFixed(digits)} MiB`;
