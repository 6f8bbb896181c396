package main

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/smtp"
	"os"
	"strconv"
	"time"
)

type session struct {
	*smtp.Client
	conn    net.Conn
	host    string
	limit   time.Duration
	tls     *tls.Config
	greeted bool // by EHLO, which the package sends once by request, and again after STARTTLS by itself
	secured bool // by STARTTLS, and no EHLO was asked for since
	value   values
}

func (s *session) connect(a values) (err error) {
	s.close(a)
	if a["lmtp"] == true {
		return errUnsupported
	}
	s.host, s.limit = a.text("host"), time.Duration(a.number("timeout_ms"))*time.Millisecond
	s.tls = &tls.Config{ServerName: s.host, RootCAs: x509.NewCertPool()}
	if a["name"] != nil {
		s.tls.ServerName = a.text("name")
	}
	authority, _ := os.ReadFile(a.text("ca"))
	s.tls.RootCAs.AppendCertsFromPEM(authority)
	if a["client_cert"] != nil {
		s.tls.Certificates = make([]tls.Certificate, 1)
		if s.tls.Certificates[0], err = tls.LoadX509KeyPair(a.text("client_cert"), a.text("client_key")); err != nil {
			return err
		}
	}
	where := net.JoinHostPort(s.host, strconv.Itoa(a.number("port")))
	if s.conn, err = net.DialTimeout("tcp", where, s.limit); err != nil {
		return err
	}
	_ = s.conn.SetDeadline(time.Now().Add(s.limit))
	conn := s.conn
	if a["tls"] == "implicit" {
		conn = tls.Client(conn, s.tls)
	}
	s.Client, err = smtp.NewClient(conn, s.host)
	return err
}

func (s *session) close(values) error {
	if s.conn != nil {
		_ = s.conn.Close()
	}
	*s = session{value: s.value}
	return nil
}

// The caller's own answers to the challenges of a mechanism.
type raw struct {
	mech     string
	answers  []any
	initial  bool
	cancelAt int
}

func (r *raw) Start(*smtp.ServerInfo) (string, []byte, error) {
	if !r.initial || len(r.answers) == 0 {
		return r.mech, nil, nil
	}
	first := r.answers[0].(string)
	r.answers = r.answers[1:]
	return r.mech, []byte(first), nil
}

func (r *raw) Next(_ []byte, more bool) ([]byte, error) {
	if r.cancelAt--; !more {
		return nil, nil
	} else if r.cancelAt == 0 || len(r.answers) == 0 {
		return nil, errCancelled
	}
	answer := r.answers[0].(string)
	r.answers = r.answers[1:]
	return []byte(answer), nil
}
