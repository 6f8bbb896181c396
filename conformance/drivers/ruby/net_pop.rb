# The ops of POP3. The public methods of net/pop are whole errands, so an op is a method of
# Net::POP3Command, the layer below them.
require "net/pop"

# Net::POP3, opened as its do_start does, but without the login.
class SteppedPop < Net::POP3
  def open_only
    io = TCPSocket.open(@address, port)
    io = encrypted(io) if use_ssl?
    @socket = Net::InternetMessageIO.new(io, read_timeout: @read_timeout)
    @command = Net::POP3Command.new(@socket)
  end

  def encrypted(io)
    context = OpenSSL::SSL::SSLContext.new
    context.set_params(@ssl_params)
    io = OpenSSL::SSL::SSLSocket.new(io, context)
    io.hostname = @address
    io.sync_close = true
    ssl_socket_connect(io, @open_timeout)
    io.post_connection_check(@address)
    io
  end

  def close_only
    @socket&.close
  end

  public :command
end

# The ops, each by its name after "pop3.".
class Ops
  PROTOCOL = "pop3"
  VERSION = "net-pop #{Net::POP3::VERSION}".freeze
  FEATURES = %w[pop3 pop3.user pop3.apop pop3.list pop3.uidl pop3.top pop3.dele pop3.rset
                pop3.fail-after].freeze
  ARGS = { "user" => %w[user secret], "apop" => %w[user secret], "retr" => %w[n fail_after],
           "top" => %w[n lines], "dele" => %w[n], "connect" => %w[host port tls policy ca timeout_ms],
           "stat" => [], "list" => [], "uidl" => [], "rset" => [], "quit" => [], "close" => [] }.freeze

  # What the server refused, or answered wrongly.
  def self.refusal(error)
    return nil unless error.is_a?(Net::ProtocolError)
    return ["rejected-locally", {}] if error.message.start_with?("not APOP server")
    [error.message.match?(/\A-ERR/i) ? "refused" : "protocol-error", {}]
  end

  def connect(row, _)
    close
    tls = row["tls"] == "implicit"
    raise Unsupported if row["policy"] == "tls" && !tls
    @pop = SteppedPop.new(row["host"], row["port"])
    @pop.enable_ssl(row["ca"] ? { ca_file: row["ca"] } : {}) if tls
    @pop.open_timeout = @pop.read_timeout = row["timeout_ms"] / 1000.0
    @pop.open_only
    stamp = session.instance_variable_get(:@apop_stamp)
    stamp ? { timestamp: stamp } : {}
  end

  def session
    raise NoSession unless @pop
    @pop.command
  end

  def user(row, _)
    session.auth(row["user"], row["secret"])
    nil
  end

  def apop(row, _)
    session.apop(row["user"], row["secret"])
    nil
  end

  def stat(*)
    count, octets = session.stat
    { count: count, octets: octets }
  end

  def list(*)
    { items: session.list.map { |number, octets| [number, octets] } }
  end

  def uidl(*)
    items = session.uidl.map { |number, unique_id| [number, unique_id || raise(Unreadable)] }
    { items: items }
  end

  def retr(row, _)
    taken(row["fail_after"]) { |sink| session.retr(row["n"], &sink) }
  end

  def top(row, _)
    taken(nil) { |sink| session.top(row["n"], row["lines"], &sink) }
  end

  def dele(row, _)
    session.dele(row["n"])
    nil
  end

  def rset(*)
    session.rset
    nil
  end

  def quit(*)
    session.quit
    nil
  end

  def close(*)
    @pop&.close_only
    @pop = nil
    nil
  end

  private

  # What the library hands over in chunks, to a caller who has room for `most` octets.
  def taken(most)
    octets = "".b
    yield(lambda do |chunk|
      octets << chunk
      raise CallerFailed if most && octets.size > most
    end)
    { data_b64: [octets].pack("m0") }
  end
end
