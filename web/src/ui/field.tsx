import { type InputHTMLAttributes, type JSX, type ReactNode, type SelectHTMLAttributes, useId } from "react";

import { classes } from "./classes";
import { Icon } from "./icons";

interface FieldProps {
  label: string;
  /** What is wrong, below the control and linked to it. */
  error?: string | undefined;
  hint?: ReactNode;
  className?: string;
  children: (control: { id: string; "aria-invalid": boolean; "aria-describedby": string | undefined }) => ReactNode;
}

/** A label, its control, and below it what is wrong or what helps. */
export function Field({ label, error, hint, className, children }: FieldProps): JSX.Element {
  const id = useId();
  const below = error ?? hint;
  return (
    <div className={classes("field", className)}>
      <label htmlFor={id} className="label">
        {label}
      </label>
      {children({
        id,
        "aria-invalid": error !== undefined,
        "aria-describedby": below === undefined ? undefined : `${id}-below`,
      })}
      {below !== undefined && (
        <p id={`${id}-below`} className={classes("sm", error === undefined ? "sub" : "due")}>
          {below}
        </p>
      )}
    </div>
  );
}

interface TextFieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, "onChange"> {
  label: string;
  error?: string | undefined;
  hint?: ReactNode;
  onChange: (value: string) => void;
}

export function TextField({ label, error, hint, className, onChange, ...rest }: TextFieldProps): JSX.Element {
  return (
    <Field label={label} error={error} hint={hint} {...(className !== undefined && { className })}>
      {(control) => <input {...rest} {...control} className="inp" onChange={(event) => onChange(event.target.value)} />}
    </Field>
  );
}

interface SelectFieldProps extends Omit<SelectHTMLAttributes<HTMLSelectElement>, "onChange"> {
  label: string;
  hint?: ReactNode;
  options: readonly { value: string; label: string }[];
  onChange: (value: string) => void;
}

export function SelectField({ label, hint, options, className, onChange, ...rest }: SelectFieldProps): JSX.Element {
  return (
    <Field label={label} hint={hint} {...(className !== undefined && { className })}>
      {(control) => (
        <select {...rest} {...control} className="inp" onChange={(event) => onChange(event.target.value)}>
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

interface SegmentedProps<Value extends string> {
  label: string;
  value: Value;
  options: readonly { value: Value; label: string }[];
  onChange: (value: Value) => void;
  className?: string;
}

/** One of a few, side by side. */
export function Segmented<Value extends string>({
  label,
  value,
  options,
  onChange,
  className,
}: SegmentedProps<Value>): JSX.Element {
  return (
    <div className={classes("seg", className)} role="group" aria-label={label}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
        >
          {option.label}
        </button>
      ))}
    </div>
  );
}

interface PickProps {
  /** The name for assistive tools. */
  label: string;
  /** What the button says: the choice as it stands. */
  shown: string;
  value: string;
  options: readonly { value: string; label: string }[];
  onChange: (value: string) => void;
}

/** A choice that reads like a button: the browser's own list lies invisibly over it. */
export function Pick({ label, shown, value, options, onChange }: PickProps): JSX.Element {
  return (
    <label className="btn ghost pick">
      <span className="trunc">{shown}</span>
      <Icon name="down" size={12} />
      <select aria-label={label} value={value} onChange={(event) => onChange(event.target.value)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </label>
  );
}
