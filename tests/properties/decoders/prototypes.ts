/** What hangs on the prototypes that any message could reach. */
export type PrototypeSnapshot = {
  readonly isUnchanged: () => boolean;
  /** Take away what was added. */
  readonly restore: () => void;
};

const PROTOTYPES: readonly object[] = [
  Object.prototype,
  Array.prototype,
  String.prototype,
  Number.prototype,
  BigInt.prototype,
  Uint8Array.prototype,
  Object.getPrototypeOf(Uint8Array.prototype),
  Function.prototype,
];

export function snapshotPrototypes(): PrototypeSnapshot {
  const before = PROTOTYPES.map((prototype) => Object.getOwnPropertyDescriptors(prototype));
  const isSame = (prototype: object, index: number): boolean => {
    const known = before[index] as Record<PropertyKey, PropertyDescriptor>;
    const keys = Reflect.ownKeys(prototype);
    if (keys.length !== Reflect.ownKeys(known).length) return false;
    return keys.every((key) => {
      const now = Object.getOwnPropertyDescriptor(prototype, key);
      return now?.value === known[key]?.value && now?.get === known[key]?.get;
    });
  };
  return {
    isUnchanged: () => PROTOTYPES.every(isSame),
    restore: () => {
      PROTOTYPES.forEach((prototype, index) => {
        const known = before[index] as Record<PropertyKey, PropertyDescriptor>;
        for (const key of Reflect.ownKeys(prototype)) {
          if (!Object.hasOwn(known, key)) Reflect.deleteProperty(prototype, key);
        }
      });
    },
  };
}
