export function isUpToDate(root: string): Promise<boolean>;
export function markBuilt(root: string): Promise<void>;
