import { type Command, Option } from 'commander';
import { formatAddress, parseAddress } from './address.ts';

/** The option with which client commands find the cluster. */
export function endpointsOption(): Option {
  return new Option('--endpoints <list>', 'client addresses of the members, separated by commas')
    .env('FLOTILLA_ENDPOINTS')
    .default('127.0.0.1:7001,127.0.0.1:8001,127.0.0.1:9001');
}

export function outputOption(): Option {
  return new Option('--output <format>', 'how to print the result').choices(['table', 'json']).default('table');
}

/** A shorthand. */
export function jsonOption(): Option {
  return new Option('--json', 'the same as --output json').implies({ output: 'json' });
}

/** Reads the option's value. Throws a usage error for what is no address. */
export function parseEndpoints(text: string): readonly string[] {
  return text.split(',').map((part) => formatAddress(parseAddress(part)));
}

/** Gives a command the options of everything that calls a cluster through the client. */
export function clientCommand(command: Command): Command {
  return command
    .addOption(endpointsOption())
    .addOption(outputOption())
    .addOption(jsonOption())
    .option('--timeout-ms <ms>', 'how long to keep trying', '5000');
}
