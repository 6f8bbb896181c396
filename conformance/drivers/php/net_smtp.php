<?php
// The ops of PEAR Net_SMTP. The driver adds nothing to the library and fixes nothing: an op is one of
// its methods, a PEAR_Error becomes an outcome.
const FEATURES = ["steps", "tls.implicit", "tls.starttls", "smtp", "smtp.helo", "smtp.rset", "smtp.noop",
    "smtp.vrfy", "smtp.multi-rcpt", "smtp.multi-mail", "smtp.size", "smtp.dsn", "smtp.mail-auth",
    "smtp.auth.plain", "smtp.auth.login", "smtp.auth.cram-md5", "smtp.auth.xoauth2"];
const ARGS = ["connect" => ["host", "port", "tls", "policy", "ca", "timeout_ms"], "ehlo" => ["name"],
    "helo" => ["name"], "starttls" => [], "auth" => ["mech", "user", "secret", "authzid"],
    "mail" => ["from", "params"], "rcpt" => ["to", "params"], "data" => ["message"], "rset" => [],
    "noop" => [], "vrfy" => ["arg"], "quit" => [], "close" => []];

class Outcome extends Exception {}

/** Net_SMTP, whose connect() and starttls() do not go on with EHLO: that is an op of its own. */
class SteppedSmtp extends Net_SMTP
{
    public $sent = "";
    public int $milliseconds = 1000;

    /** connect() asks for whole seconds; the method itself takes parts of one. */
    public function setTimeout($seconds, $microseconds = 0)
    {
        return parent::setTimeout(intdiv($this->milliseconds, 1000), $this->milliseconds % 1000 * 1000);
    }

    protected function negotiate() { return true; }

    public function hello(string $name)
    {
        $this->localhost = $name;
        return parent::negotiate();
    }

    protected function send($data)
    {
        $this->sent = $data;
        return parent::send($data);
    }

    /** How the last reading ended that gave no reply. */
    public function ending(): string
    {
        $status = $this->socket->getStatus();
        if (is_array($status) && $status["timed_out"]) return "timeout";
        return is_array($status) && !$status["eof"] || $this->arguments ? "protocol-error" : "io-error";
    }

    public function drop(): void { $this->socket->disconnect(); }
}

/** The ops; each returns what the library returned, true or a PEAR_Error. */
class Ops
{
    private ?SteppedSmtp $smtp = null;
    private bool $isTls = false;

    public function call(string $verb, array $row): array
    {
        $value = [];
        if ($verb === "close" || $verb === "connect") {
            $this->smtp && $this->smtp->drop();
            $this->smtp = null;
        }
        if ($verb === "close") return ["ok", $value];
        $this->smtp || $verb === "connect" || throw new Outcome("rejected-locally");
        $done = $this->$verb($row, $value);
        $done !== false || throw new Outcome("policy"); // starttls() that is not offered
        if ($verb === "data") {
            $value["delivery"] = $done === true ? "sent" : "not-sent";
        }
        if ($done === true) return ["ok", $value];
        $outcome = $this->outcomeOf($done, $value);
        if ($verb === "data" && str_ends_with($this->smtp->sent, ".\r\n") && preg_match("/io-error|timeout/", $outcome)) {
            $value["delivery"] = "unknown";
        }
        return [$outcome, $value];
    }

    private function connect(array $row)
    {
        $this->isTls = $row["tls"] === "implicit";
        $options = ["ssl" => isset($row["ca"]) ? ["cafile" => $row["ca"]] : []];
        $host = ($this->isTls ? "ssl://" : "") . $row["host"];
        $seconds = $row["timeout_ms"] / 1000;
        $this->smtp = new SteppedSmtp($host, $row["port"], "localhost", false, $seconds, $options);
        $this->smtp->milliseconds = $row["timeout_ms"];
        return $this->smtp->connect($seconds);
    }

    private function ehlo(array $row, array &$value)
    {
        $done = $this->smtp->hello($row["name"]);
        $value["caps"] = [];
        foreach ($done === true ? $this->smtp->getServiceExtensions() : [] as $keyword => $words) {
            $value["caps"][] = [strtoupper($keyword), (string) $words];
        }
        return $done;
    }

    private function helo(array $row) { return $this->smtp->helo($row["name"]); }
    private function starttls() { return $this->smtp->starttls(); }
    private function rset() { return $this->smtp->rset(); }
    private function noop($row, array &$value) { return $this->told($this->smtp->noop(), $value); }
    private function vrfy(array $row, array &$value) { return $this->told($this->smtp->vrfy($row["arg"] ?? ""), $value); }
    private function quit() { return $this->smtp->disconnect(); }
    private function data(array $row) { return $this->smtp->data($row["message"]); }

    private function told($done, array &$value)
    {
        $value["lines"] = explode("\n", $this->smtp->getResponse()[1]);
        return $done;
    }

    private function mail(array $row)
    {
        return $this->smtp->mailFrom($row["from"], implode(" ", $row["params"] ?? []));
    }

    private function rcpt(array $row)
    {
        return $this->smtp->rcptTo($row["to"], $row["params"] ? implode(" ", $row["params"]) : null);
    }

    private function auth(array $row, array &$value)
    {
        $methods = ["PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2"];
        in_array($row["mech"] ?? "", $methods) || throw new Outcome("unsupported");
        $value["mech"] = $row["mech"];
        $secret = ($row["mech"] === "XOAUTH2" ? "Bearer " : "") . $row["secret"];
        return $this->smtp->auth($row["user"], $secret, $row["mech"], false, $row["authzid"] ?? "");
    }

    private function outcomeOf(PEAR_Error $error, array &$value): string
    {
        $code = $error->getCode();
        if ($code >= 400 && $code <= 599) {
            $value += ["code" => $code, "temporary" => $code < 500];
            return "refused";
        }
        // What fails in TLS, it does not tell.
        $told = ["does not support authentication" => "policy", "not a supported" => "policy",
            "cannot contain newlines" => "rejected-locally", "exceeds server limit" => "rejected-locally",
            "STARTTLS failed" => "failed", "Failed to connect" => $this->isTls ? "failed" : "io-error",
            "Failed to" => "io-error", "not connected" => "io-error"];
        foreach ($told as $words => $outcome) {
            if (str_contains($error->getMessage(), $words)) return $outcome;
        }
        return $this->smtp->ending();
    }
}
