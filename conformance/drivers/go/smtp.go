// Connects net/smtp of Go to mailspec: an operation is one call of smtp.Client. What the package leaves nobody a
// choice of, such as the parameters of MAIL, is unsupported where a request asks for something else.
package main

import (
	"errors"
	"net/smtp"
	"net/textproto"
	"runtime"
	"strings"
	"time"
)

const features = "steps ipv6 tls.implicit tls.starttls client-cert smtp smtp.rset smtp.noop smtp.vrfy" +
	" smtp.multi-rcpt smtp.multi-mail smtp.pieces smtp.8bitmime smtp.smtputf8" +
	" smtp.auth.plain smtp.auth.cram-md5 smtp.auth.raw smtp.auth.initial smtp.auth.cancel"

var (
	errUnsupported = errors.New("unsupported")
	errCancelled   = errors.New("cancelled by the caller")
	errNoSession   = errors.New("smtp: there is no session")
)

func (s *session) ehlo(a values) (err error) {
	s.secured = false
	if !s.greeted {
		err = s.Hello(a.text("name"))
	}
	s.greeted = outcomeOf(err, s.value) != "rejected-locally" // the offers can be asked for by name alone
	return err
}

func (s *session) auth(a values) error {
	switch mech, initial := a.text("mech"), a.text("initial"); {
	case a["answers"] != nil:
		return s.Auth(&raw{mech, a.list("answers"), initial == "yes", a.number("cancel_at")})
	case a["cancel_at"] != nil:
	case mech == "PLAIN" && initial != "no":
		return s.Auth(smtp.PlainAuth(a.text("authzid"), a.text("user"), a.text("secret"), s.host))
	case mech == "CRAM-MD5" && initial != "yes" && a["authzid"] == nil:
		return s.Auth(smtp.CRAMMD5Auth(a.text("user"), a.text("secret")))
	}
	return errUnsupported
}

func (s *session) mail(a values) error {
	if s.secured { // StartTLS has said EHLO: nobody can be told not to greet
		return errUnsupported
	}
	for _, param := range a.list("params") { // these two are sent where they are offered, and only there
		ok, _ := s.Extension(strings.TrimPrefix(param.(string), "BODY="))
		if !ok || (param != "BODY=8BITMIME" && param != "SMTPUTF8") {
			return errUnsupported
		}
	}
	return s.Mail(a.text("from"))
}

// Verify is content with 250 alone, and hands over any other reply.
func (s *session) vrfy(a values) error {
	var reply *textproto.Error
	if err := s.Verify(a.text("arg")); !errors.As(err, &reply) || reply.Code/100 != 2 {
		return err
	}
	s.value["code"] = reply.Code
	return nil
}

func (s *session) data(a values) error {
	s.value["delivery"] = "not-sent"
	w, err := s.Data()
	left, sizes := a.text("message"), a.list("pieces")
	for size := len(left); err == nil && left != ""; left = left[size:] {
		if len(sizes) > 0 {
			size, sizes = int(sizes[0].(float64)), sizes[1:]
		}
		if size > len(left) {
			size = len(left)
		}
		_, err = w.Write([]byte(left[:size]))
	}
	if err == nil {
		var reply *textproto.Error
		if err = w.Close(); err == nil {
			s.value["delivery"] = "sent"
		} else if !errors.As(err, &reply) {
			s.value["delivery"] = "unknown"
		}
	}
	return err
}

func (s *session) quit(values) error { return s.Quit() }

func (s *session) starttls(values) error {
	err := s.StartTLS(s.tls)
	s.secured = err == nil
	return err
}

// The operations, and the arguments that each of them may be given.
var ops = map[string]struct {
	known string
	call  func(*session, values) error
}{
	"smtp.connect":  {"host port tls policy ca name client_cert client_key timeout_ms lmtp", (*session).connect},
	"smtp.ehlo":     {"name", (*session).ehlo},
	"smtp.starttls": {"", (*session).starttls},
	"smtp.auth":     {"mech user secret authzid initial answers cancel_at", (*session).auth},
	"smtp.mail":     {"from params", (*session).mail},
	"smtp.rcpt":     {"to", func(s *session, a values) error { return s.Rcpt(a.text("to")) }},
	"smtp.data":     {"message pieces", (*session).data},
	"smtp.rset":     {"", func(s *session, _ values) error { return s.Reset() }},
	"smtp.noop":     {"", func(s *session, _ values) error { return s.Noop() }},
	"smtp.vrfy":     {"arg", (*session).vrfy},
	"smtp.quit":     {"", (*session).quit},
	"smtp.close":    {"", (*session).close},
}

func main() {
	s := &session{}
	hello := values{"name": "go-smtp", "version": runtime.Version(), "features": strings.Fields(features)}
	serve(hello, func(name string, a values) (string, values) {
		s.value = values{}
		op, there := ops[name]
		err := errUnsupported
		if there && a.within(op.known) {
			if err = errNoSession; s.Client != nil || name == "smtp.connect" || name == "smtp.close" {
				if s.conn != nil {
					_ = s.conn.SetDeadline(time.Now().Add(s.limit))
				}
				err = op.call(s, a)
			}
		}
		return outcomeOf(err, s.value), s.value
	})
}
