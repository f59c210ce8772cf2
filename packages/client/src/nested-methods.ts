type FirstOf<Name> = Name extends `${infer First}.${string}` ? First : never;

type Plain<Methods> = {
  readonly [Name in keyof Methods as Name extends `${string}.${string}` ? never : Name]: Methods[Name];
};

type Within<Methods, First extends string> = {
  readonly [Name in keyof Methods as Name extends `${First}.${infer Rest}` ? Rest : never]: Methods[Name];
};

/** Methods by name, where `accounts.deposit`, as machines that are composed of others have them, is `deposit` of `accounts`. */
export type NestedMethods<Methods> = Plain<Methods> & {
  readonly [First in FirstOf<keyof Methods>]: NestedMethods<Within<Methods, First>>;
};

/** Puts a method where {@link NestedMethods} has it. */
export function placeMethod(methods: Record<string, unknown>, name: string, method: unknown): void {
  const owners = name.split('.');
  const last = owners.pop() as string;
  let owner = methods;
  for (const part of owners) {
    if (!Object.hasOwn(owner, part)) owner[part] = {};
    owner = owner[part] as Record<string, unknown>;
  }
  owner[last] = method;
}
