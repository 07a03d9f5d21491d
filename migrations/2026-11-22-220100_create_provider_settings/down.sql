DROP TABLE model_preferences;
DROP TABLE provider_settings;
