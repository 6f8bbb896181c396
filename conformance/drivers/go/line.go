package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"os"
	"strings"
)

// The arguments of a request, `x_b64` decoded into `x`, and the values of an answer.
type values map[string]any

func (v values) text(name string) string { s, _ := v[name].(string); return s }

func (v values) number(name string) int { n, _ := v[name].(float64); return int(n) }

func (v values) list(name string) []any { items, _ := v[name].([]any); return items }

// Whether each argument is one of those that the operation knows: the others must not be ignored.
func (v values) within(known string) bool {
	for name, value := range v {
		if items, ok := value.([]any); value != nil && !(ok && len(items) == 0) && !strings.Contains(" seq op "+known+" ", " "+name+" ") {
			return false
		}
	}
	return true
}

func decoded(value any) any {
	switch v := value.(type) {
	case string:
		octets, _ := base64.StdEncoding.DecodeString(v)
		return string(octets)
	case []any:
		for i := range v {
			v[i] = decoded(v[i])
		}
	}
	return value
}

// Answers line by line until bye: play performs an operation and gives its outcome and its values.
func serve(hello values, play func(op string, args values) (string, values)) {
	in, out := json.NewDecoder(bufio.NewReader(os.Stdin)), json.NewEncoder(os.Stdout)
	for {
		request, args := values{}, values{}
		if in.Decode(&request) != nil || request["cmd"] == "bye" {
			return
		}
		if request["cmd"] == "hello" {
			_ = out.Encode(hello)
			continue
		}
		for name, value := range request {
			if short := strings.TrimSuffix(name, "_b64"); short != name {
				name, value = short, decoded(value)
			}
			args[name] = value
		}
		outcome, value := play(args.text("op"), args)
		_ = out.Encode(values{"seq": request["seq"], "outcome": outcome, "value": value})
	}
}
