# The ops of SMTP, each a public method of Net::SMTP.
require "net/smtp"

# Net::SMTP, opened as its do_start does, but without EHLO. It notes whether a whole message was sent.
class SteppedSmtp < Net::SMTP
  attr_reader :whole

  def open_only
    @context = Net::SMTP.default_ssl_context(@ssl_context_params)
    @tcp = tcp_socket(address, port)
    @socket = new_internet_message_io(tls? ? tlsconnect(@tcp, @context) : @tcp)
    @socket.write_timeout = read_timeout # net/smtp has no setter for it, and waits for 60 s
    check_response(critical { recv_response })
  end

  def hello(name)
    self.esmtp = true
    do_helo(name)
  end

  def upgrade
    raise NoSession if tls? || @upgraded # do_start sends STARTTLS once, and not within TLS
    raise Net::SMTPUnsupportedCommand.new(nil, message: "not offered") unless capable_starttls?
    starttls
    @socket = new_internet_message_io(tlsconnect(@tcp, @context))
    @upgraded = true
  end

  def check_continue(res)
    super
    @begun = true
  end

  def recv_response
    @whole = @begun
    super
  ensure
    @begun = false
  end

  def close_only
    @socket&.close
  end
end

# The ops, each by its name after "smtp.".
class Ops
  PROTOCOL = "smtp"
  VERSION = "net-smtp #{Net::SMTP::VERSION}".freeze
  FEATURES = %w[smtp smtp.helo smtp.rset smtp.multi-rcpt smtp.multi-mail smtp.dsn smtp.mail-auth tls.starttls
                smtp.fail-after smtp.pieces smtp.auth.plain smtp.auth.login smtp.auth.cram-md5].freeze
  ARGS = { "connect" => %w[host port tls policy ca timeout_ms lmtp], "ehlo" => %w[name], "helo" => %w[name],
           "starttls" => [], "auth" => %w[mech user secret], "mail" => %w[from params], "rset" => [],
           "rcpt" => %w[to params], "data" => %w[message fail_after pieces], "quit" => [],
           "close" => [] }.freeze
  MECHANISMS = { "PLAIN" => :plain, "LOGIN" => :login, "CRAM-MD5" => :cram_md5 }.freeze

  # What the server refused, or answered wrongly.
  def self.refusal(error)
    return ["policy", {}] if error.is_a?(Net::SMTPUnsupportedCommand)
    return nil unless error.is_a?(Net::SMTPError)
    code = error.response.status
    return ["protocol-error", {}] unless /\A[45]\d\d\z/.match?(code)
    ["refused", { code: code.to_i, temporary: code.start_with?("4") }]
  end

  def connect(row, _)
    close
    tls = row["tls"] == "implicit"
    raise Unsupported if row["lmtp"]
    trust = row["ca"] ? { ca_file: row["ca"] } : {}
    @smtp = SteppedSmtp.new(row["host"], row["port"], tls: tls, starttls: false, ssl_context_params: trust)
    @smtp.open_timeout = @smtp.read_timeout = row["timeout_ms"] / 1000.0
    @smtp.open_only
    nil
  end

  def session
    @smtp || raise(NoSession)
  end

  def ehlo(row, _)
    session.hello(row["name"])
    { caps: session.capabilities.except(nil).map { |word, more| [word.upcase, more.join(" ")].map(&method(:text)) } }
  end

  def helo(row, _)
    coded(session.helo(row["name"]))
  end

  def starttls(*)
    session.upgrade
    nil
  end

  def auth(row, _)
    mechanism = MECHANISMS[row["mech"].to_s.upcase] || raise(Unsupported)
    session.authenticate(row["user"], row["secret"], mechanism)
    { mech: row["mech"].upcase }
  end

  def mail(row, _)
    coded(session.mailfrom(Net::SMTP::Address.new(row["from"], *row["params"])))
  end

  def rcpt(row, _)
    coded(session.rcptto(Net::SMTP::Address.new(row["to"], *row["params"])))
  end

  # `value` is what the answer says, even if this raises.
  def data(row, value)
    value[:delivery] = "not-sent"
    in_one = (row.keys & %w[pieces fail_after]).empty?
    reply = in_one ? session.data(row["message"]) : session.data { |stream| feed(stream, row) }
    coded(reply).merge(delivery: "sent")
  rescue Timeout::Error, SystemCallError, IOError
    value[:delivery] = "unknown" if session.whole
    raise
  end

  def rset(*)
    coded(session.rset)
  end

  def quit(*)
    coded(session.quit)
  end

  def close(*)
    @smtp&.close_only
    @smtp = nil
    nil
  end

  private

  # Writes the message in the pieces that the case asks for; the source fails after `fail_after` octets.
  def feed(stream, row)
    octets = row["message"][0, row["fail_after"] || row["message"].size]
    sizes = row["pieces"] || [1024]
    until octets.empty?
      stream.write(octets.slice!(0, sizes.first))
      sizes = sizes.drop(1) if sizes.size > 1
    end
    raise CallerFailed if row["fail_after"]
  end

  # JSON has no octets that are not UTF-8.
  def text(octets)
    octets.dup.force_encoding("UTF-8").scrub
  end

  def coded(reply)
    { code: reply.status.to_i }
  end
end
