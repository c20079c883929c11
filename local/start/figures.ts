// Figures for people: counts, rates, seconds, money, and a bar.

const count = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** `500,000` */
export const countText = (value: number): string => count.format(value);

/** `3.2 s`, `2 min 5 s` */
export function secondsText(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** `$0.0012`, `$3.40` */
export function moneyText(microUsd: number): string {
  const usd = microUsd / 1e6;
  return `$${usd >= 1 ? usd.toFixed(2) : usd.toFixed(usd >= 0.01 || usd === 0 ? 4 : 6)}`;
}

/** `+12 %`, `−30 %`; empty without something to compare with. */
export function differenceText(estimated: number | undefined, actual: number | undefined): string {
  if (estimated === undefined || actual === undefined || estimated <= 0) return '';
  const percent = Math.round((actual / estimated - 1) * 100);
  return `${percent < 0 ? '−' : '+'}${Math.abs(percent)} %`;
}

/** A bar of `width` characters for a share of 0 to 1. */
export function barText(share: number, width = 24): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  return '█'.repeat(full) + '░'.repeat(width - full);
}
