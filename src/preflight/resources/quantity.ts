const BINARY = { Ki: 1, Mi: 2, Gi: 3, Ti: 4, Pi: 5, Ei: 6 } as const;
const DECIMAL = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 } as const;

/** Kubernetes' grammar of a quantity (apimachinery, `pkg/api/resource/quantity.go`). */
const QUANTITY =
  /^([+-]?)(\d+\.?\d*|\.\d+)(?:(Ki|Mi|Gi|Ti|Pi|Ei)|(?:[eE]([+-]?\d{1,2}))|(n|u|m|k|M|G|T|P|E))?$/;

/**
 * A quantity of Kubernetes, such as `100m`, `64Mi`, `1k` or `2e3`, in thousandths, of which Kubernetes
 * compares CPU and bytes; what is finer is rounded up as it is there. Undefined for anything else.
 */
export function thousandthsOf(quantity: string | number | undefined): number | undefined {
  const [, sign, number = '', binary, exponent, decimal] = QUANTITY.exec(`${quantity}`) ?? [];
  if (sign === undefined) {
    return undefined;
  }
  const [whole = '', fraction = ''] = number.split('.');
  const unit = 1024n ** BigInt(binary === undefined ? 0 : BINARY[binary as keyof typeof BINARY]);
  const digits = BigInt(`${whole}${fraction}`) * unit;
  const shift = Number(exponent ?? DECIMAL[(decimal ?? '') as keyof typeof DECIMAL]);
  const power = shift - fraction.length + 3;
  const value = power >= 0 ? digits * 10n ** BigInt(power) : roundUp(digits, 10n ** BigInt(-power));
  return sign === '-' ? -Number(value) : Number(value);
}

function roundUp(value: bigint, divisor: bigint): bigint {
  return (value + divisor - 1n) / divisor;
}

/** Thousandths as Kubernetes would write them: `250m`, `1`, `64Mi`. */
export function quantityOf(thousandths: number): string {
  if (thousandths % 1000 !== 0) {
    return `${thousandths}m`;
  }
  const whole = thousandths / 1000;
  const suffix = (['Gi', 'Mi', 'Ki'] as const).find(
    (unit) => whole > 0 && whole % 1024 ** BINARY[unit] === 0,
  );
  return suffix === undefined ? `${whole}` : `${whole / 1024 ** BINARY[suffix]}${suffix}`;
}
