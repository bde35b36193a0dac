import {
  IsOptional,
  Validate,
  ValidatorConstraint,
  type ValidatorConstraintInterface,
} from 'class-validator';
import { Column } from '../database/model/decorators.js';
import { json, string } from '../database/model/logical-type.js';
import { Configured, type Variant } from './bases.js';

/** A list of objects, each with a name of its own under `variant`. */
@ValidatorConstraint({ name: 'variants' })
class VariantsRule implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    if (!Array.isArray(value)) return false;
    const names = value.map((variant: unknown) =>
      typeof variant === 'object' && variant !== null ? (variant as Partial<Variant>).variant : undefined,
    );
    return (
      names.every((name) => typeof name === 'string' && name !== '') && new Set(names).size === names.length
    );
  }

  defaultMessage(): string {
    return '$property must be a list of objects, each with its own name under "variant"';
  }
}

/** A configured feature with settings in variants, one of which is active. */
export abstract class WithVariants extends Configured {
  @Column(string(255), { nullable: true })
  activeVariant!: string | null;

  @IsOptional()
  @Validate(VariantsRule)
  @Column(json(), { nullable: true })
  variants!: Variant[] | null;
}
