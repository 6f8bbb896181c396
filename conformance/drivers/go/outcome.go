package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"net"
	"net/textproto"
	"strings"
)

// What the package says by the text of an error alone.
var ownSentences = map[string]string{
	"smtp: A line must not contain CR or LF": "rejected-locally",
	"smtp: server doesn't support AUTH":      "policy",
	"unencrypted connection":                 "policy",
	"wrong host name":                        "policy",
}

// The outcome of what a call returned; a reply's code goes into value.
func outcomeOf(err error, value values) string {
	var reply *textproto.Error
	var wire net.Error
	if err == nil {
		return "ok"
	} else if errors.As(err, &reply) && reply.Code >= 400 && reply.Code <= 599 {
		value["code"], value["temporary"] = reply.Code, reply.Code < 500
		return "refused"
	} else if errors.As(err, &wire) && wire.Timeout() {
		return "timeout"
	} else if reply != nil || isProtocol(err) {
		return "protocol-error"
	} else if errors.Is(err, errUnsupported) {
		return "unsupported"
	} else if errors.Is(err, errNoSession) {
		return "rejected-locally"
	} else if errors.Is(err, errCancelled) {
		return "auth-failed"
	}
	for sentence, outcome := range ownSentences {
		if strings.Contains(err.Error(), sentence) {
			return outcome
		}
	}
	return "io-error"
}

// A line or a challenge that cannot be read, a handshake that failed, or a certificate that is not good.
func isProtocol(err error) bool {
	var line textproto.ProtocolError
	var challenge base64.CorruptInputError
	var record tls.RecordHeaderError
	var host x509.HostnameError
	var authority x509.UnknownAuthorityError
	var certificate x509.CertificateInvalidError
	return errors.As(err, &line) || errors.As(err, &challenge) || errors.As(err, &record) || errors.As(err, &host) ||
		errors.As(err, &authority) || errors.As(err, &certificate) ||
		strings.Contains(err.Error(), "tls: ")
}
