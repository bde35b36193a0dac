const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;

/**
 * A number's text in plain decimal notation, without exponent, computed on its digits alone.
 * @param places rounds half away from zero to so many digits after the point
 * @returns undefined when the text is no number
 */
export function decimalText(text: string, places?: number): string | undefined {
  const match = DECIMAL.exec(text.trim());
  if (!match) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return undefined;
  const shifted = shift(whole, fraction, Number(exponent));
  const rounded =
    places === undefined || shifted.fraction.length <= places ? shifted : round(shifted, places);
  const integer = rounded.whole.replace(/^0+(?=\d)/, '') || '0';
  return `${sign === '-' ? '-' : ''}${integer}${rounded.fraction === '' ? '' : `.${rounded.fraction}`}`;
}

interface Digits {
  whole: string;
  fraction: string;
}

/** Moves the point by the exponent. */
function shift(whole: string, fraction: string, exponent: number): Digits {
  if (exponent >= 0) {
    const padded = fraction.padEnd(exponent, '0');
    return { whole: whole + padded.slice(0, exponent), fraction: padded.slice(exponent) };
  }
  const padded = whole.padStart(-exponent, '0');
  const cut = padded.length + exponent;
  return { whole: padded.slice(0, cut), fraction: padded.slice(cut) + fraction };
}

function round({ whole, fraction }: Digits, places: number): Digits {
  const up = (fraction[places] ?? '0') >= '5' ? 1n : 0n;
  const digits = (BigInt(whole + fraction.slice(0, places) || '0') + up).toString().padStart(places + 1, '0');
  return { whole: digits.slice(0, digits.length - places), fraction: digits.slice(digits.length - places) };
}
