package wsapi

import "biobridge/agent/locale"

// sentence is what went wrong, for the shopkeeper or the page's developer, and
// what he does next.
type sentence struct{ message, remedy string }

// sentences are this door's own, by stem. In a catalogue they are
// "wsapi.<stem>.message" and "wsapi.<stem>.remedy".
var sentences = map[string]sentence{
	"origin_denied": {
		"This page may not use the fingerprint bridge on this computer.",
		"If you trust this page, allow it in the biobridge tray icon, then reload it.",
	},
	"origin_never": {
		"This page has no address that could be allowed to use the fingerprint bridge on this computer.",
		"Open the portal by its own address, which begins with https://.",
	},
	"origin_asked": {
		"This page may not use the fingerprint bridge on this computer yet. The user of this computer is being asked.",
		"Answer the question in the biobridge tray icon, then reload the page.",
	},
	"user_denied": {
		"Your user account may not use the fingerprint bridge on this computer.",
		"Sign in with the account that the shop uses, or ask whoever looks after this computer.",
	},
	"too_many_connections": {
		"This page has too many connections open.",
		"Close other tabs with this page, then reload it.",
	},
	"frame_parse": {
		"The message is not valid JSON.",
		"Send one JSON-RPC 2.0 object in each text frame.",
	},
	"frame_batch": {
		"Batches are not supported.",
		"Send each call in a frame of its own; answers come as they are ready.",
	},
	"frame_envelope": {
		"The message is not a JSON-RPC request.",
		"Send an object with jsonrpc, id, method and params, and nothing else.",
	},
	"frame_duplicate": {
		"{field} stands twice in the message.",
		"Send each member once.",
	},
	"frame_shape": {
		"The message is nested too deeply or has too many members.",
		"Send what the protocol document describes.",
	},
	"frame_id": {
		"The id is not a text or a whole number of at most 64 characters.",
		"Send another id with each call.",
	},
	"frame_version": {
		"jsonrpc is not \"2.0\".",
		"Send \"jsonrpc\": \"2.0\".",
	},
	"frame_method": {
		"The method's name is missing, not a text or too long.",
		"Send the name of a method of the protocol document.",
	},
	"frame_params": {
		"params is not an object.",
		"Send the parameters by name, in an object.",
	},
	"id_in_use": {
		"A call with this id is still running.",
		"Send another id with each call.",
	},
	"too_many_calls": {
		"Too many calls of this page are running at once.",
		"Wait for an answer before the next call.",
	},
	"unknown_method": {
		"There is no such method.",
		"Look up the method's name in the protocol document; it may need a newer bridge.",
	},
	"hello_first": {
		"The page has not introduced itself.",
		"Call bridge.hello first on every connection.",
	},
	"scope": {
		"This page may not do that: it lacks the right \"{scope}\".",
		"Ask whoever looks after this computer to give this page the right \"{scope}\".",
	},
	"unknown_field": {
		"There is no parameter {field} here.",
		"Leave it out, or correct its spelling.",
	},
	"missing_field": {
		"The parameter {field} is missing: {want}.",
		"Send it.",
	},
	"wrong_type": {
		"The parameter {field} is not of the right kind: {want}.",
		"Send it as the protocol document describes.",
	},
	"wrong_value": {
		"The parameter {field} has a value that is not allowed: {want}.",
		"Send it as the protocol document describes.",
	},
	"too_long": {
		"The parameter {field} is too long: {want}.",
		"Send it as the protocol document describes.",
	},
	"out_of_range": {
		"The parameter {field} is not in its range: {want}.",
		"Send it as the protocol document describes.",
	},
	"cancelled": {
		"The call was cancelled.",
		"Call again when you are ready.",
	},
	"no_such_call": {
		"No call with that id is running on this connection.",
		"It may have been answered already.",
	},
}

// wants is what should stand in a parameter, by the stem that a fieldError
// names. In a catalogue they are "wsapi.want.<stem>".
var wants = map[string]string{
	"text":     "a text",
	"readable": "a text of readable characters",
	"longest":  "at most {limit} characters",
	"choice":   "one of {choices}",
	"flag":     "true or false",
	"whole":    "a whole number from {low} to {high}",
	"object":   "an object",
}

// say words a sentence of this door.
func say(texts *locale.Catalogue, lang locale.Lang, stem string, args map[string]string) (message, remedy string) {
	english := sentences[stem]
	return texts.Text(lang, "wsapi."+stem+".message", english.message, args),
		texts.Text(lang, "wsapi."+stem+".remedy", english.remedy, args)
}

// Texts returns every English sentence of this package by its key, for the test
// that holds a catalogue complete.
func Texts() map[string]string {
	all := make(map[string]string, 2*len(sentences))
	for stem, s := range sentences {
		all["wsapi."+stem+".message"] = s.message
		all["wsapi."+stem+".remedy"] = s.remedy
	}
	for stem, want := range wants {
		all["wsapi.want."+stem] = want
	}
	return all
}
