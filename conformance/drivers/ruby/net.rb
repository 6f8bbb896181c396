#!/usr/bin/env ruby
# The driver of Ruby's own clients, net/pop (`net.rb pop`) and net/smtp (`net.rb smtp`): JSON lines on
# stdin, answers on stdout. It adds nothing to them and fixes nothing: an op is a call of theirs, an
# exception becomes an outcome.
require "json"

Unsupported, NoSession, Unreadable, CallerFailed = Array.new(4) { Class.new(StandardError) }

abort "usage: net.rb pop|smtp" unless %w[pop smtp].include?(ARGV.first)
require_relative "net_#{ARGV.first}"

OPS = Ops.new
HELLO = { name: "ruby-net-#{ARGV.first}", version: "#{Ops::VERSION}, Ruby #{RUBY_VERSION}", limits: {},
          features: %w[steps ipv6 tls.implicit] + Ops::FEATURES }.freeze

# The arguments: every text as octets, `x_b64` as `x`.
def arguments(row)
  args = row.except("seq", "op").compact.map do |name, value|
    name.end_with?("_b64") ? [name.delete_suffix("_b64"), value.unpack1("m")] : [name, octets(value)]
  end
  args.to_h
end

def octets(value)
  return value.map { |each| octets(each) } if value.is_a?(Array)
  value.is_a?(String) ? value.b : value
end

OUTCOMES = {
  Unsupported => "unsupported", NoSession => "rejected-locally", Unreadable => "protocol-error",
  CallerFailed => "failed", Timeout::Error => "timeout", OpenSSL::SSL::SSLError => "protocol-error",
  ArgumentError => "rejected-locally", SystemCallError => "io-error", SocketError => "io-error",
  IOError => "io-error"
}.freeze

# The outcome of what a call raised, and what is known of the reply.
def outcome_of(error)
  told = Ops.refusal(error)
  return told if told
  kind = OUTCOMES.keys.find { |each| error.is_a?(each) }
  [kind ? OUTCOMES[kind] : "failed", {}]
end

def answer(row)
  protocol, _, verb = row["op"].to_s.partition(".")
  known = Ops::ARGS[verb] if protocol == Ops::PROTOCOL
  args = arguments(row)
  return ["unsupported", {}] unless known && (args.keys - known).empty?
  value = {}
  begin
    ["ok", value.merge!(OPS.public_send(verb, args, value).to_h)]
  rescue StandardError => e
    outcome, more = outcome_of(e)
    [outcome, value.merge(more)]
  end
end

$stdout.sync = true
$stdin.each_line do |line|
  row = JSON.parse(line)
  break if row["cmd"] == "bye"
  next puts(JSON.generate(HELLO)) if row["cmd"]
  outcome, value = answer(row)
  puts JSON.generate(seq: row["seq"], outcome: outcome, value: value)
end
