package sts

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/why403/why403/internal/server/awsapi"
)

func decodeAccess(*awsapi.Call, *sts.DecodeAuthorizationMessageInput) ([]awsapi.Check, error) {
	return []awsapi.Check{{Action: "sts:DecodeAuthorizationMessage", Resource: "*"}}, nil
}

func decodeAuthorizationMessage(c *awsapi.Call, in *sts.DecodeAuthorizationMessageInput) (*sts.DecodeAuthorizationMessageOutput, error) {
	text, err := c.DecodeMessage(*in.EncodedMessage)
	if err != nil {
		return nil, c.Errorf("InvalidAuthorizationMessageException", "Invalid encoded message.")
	}
	return &sts.DecodeAuthorizationMessageOutput{DecodedMessage: aws.String(text)}, nil
}
